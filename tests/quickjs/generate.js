// generate.js SEED: write a program that says itself which functions begin and
// end and which lines run, so that the markers can be compared with that. It is
// made by chance, always alike for a seed: functions of each kind that call
// each other, also through C; loops; errors that are caught at any depth;
// generators that are left, closed or thrown into; async functions.
//
// Each statement is on a line of its own, behind a call of log.push(), which is
// written in C: "> p1" where p1 begins or goes on, "< p1" where it ends or
// waits, "p1 12" where line 12 of it runs. What does not say so has other names.
let seed = +scriptArgs[1];
const functions = 24;

function random(n) {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >> 8) % n;
}

const lines = [];
function put(text) {
    lines.push(text);
}
// The number of the line that is put next.
function here() {
    return lines.length + 1;
}

const kinds = ["plain", "plain", "plain", "arrow", "generator", "async"];
const kindOf = [];
for (let i = 0; i < functions; i++)
    kindOf.push(i < kinds.length ? kinds[i] : kinds[random(kinds.length)]);

function nameOf(i) {
    return kindOf[i][0] + i;
}

// How function i is called, in one expression.
function call(i) {
    const name = nameOf(i);
    if (kindOf[i] == "generator")
        return [`[...${name}()]`, `first(${name}())`, `left(${name}())`,
            `thrown(${name}())`, `${name}()`][random(5)];
    if (kindOf[i] == "async")
        return `${name}(d).then(settled, settled)`;
    return [`${name}(d)`, `${name}.call(null, d)`, `[d, d].map(${name})`,
        `Reflect.apply(${name}, null, [d])`, `\`\${{ toString: ${name} }}\``,
        `new Proxy({}, { get: ${name} }).x`, `[2, 1].sort(${name})`,
        `"x".replace("x", ${name})`][random(8)];
}

function statements(f, depth, count) {
    while (count-- > 0)
        statement(f, depth);
}

function statement(f, depth) {
    const name = nameOf(f);
    const say = `log.push("${name} ${here()}");`;
    const wait = `log.push("${name} ${here()}", "< ${name}"); try {`;
    const goOn = `} finally { log.push("> ${name}"); }`;
    const inner = () => statements(f, depth + 1, 1 + random(2));
    switch (depth > 3 ? random(4) : random(14)) {
    case 0:
        put(`${say} let x${here()} = d + 1;`);
        break;
    case 1:
        put(`${say} if (chance(9)) throw new Error("${here()}");`);
        break;
    case 2:
        put(`${say} if (chance(12)) return [d];`);
        break;
    case 3:
    case 4:
    case 5:
        if (kindOf[f] == "generator")
            put(`${wait} yield d; ${goOn}`);
        else if (kindOf[f] == "async")
            put(`${wait} await d; ${goOn}`);
        else
            put(`${say} if (budget-- > 0) ${call(random(functions))};`);
        break;
    case 6:
        put(`${say} if (budget-- > 0) ${call(random(functions))};`);
        break;
    case 7: {
        put(`${say} if (chance(2)) {`);
        inner();
        put("} else {");
        inner();
        put("}");
        break;
    }
    case 8:
        put(`${say} for (let i = 0; i < 2; log.push("${name} ${here()}"), i++) {`);
        inner();
        put("}");
        break;
    case 9:
        put(`for (let n = 3; log.push("${name} ${here()}") && n-- > 0;) {`);
        inner();
        put(`log.push("${name} ${here()}"); if (chance(5)) break;`);
        put("}");
        break;
    case 10: {
        const line = here();
        put(`${say} for (const x of [1, 2]) {`);
        inner();
        put(`log.push("${name} ${here()}", "${name} ${line}"); }`);
        break;
    }
    case 11:
        put(`${say} try {`);
        inner();
        put(`log.push("${name} ${here()}"); if (chance(2)) null.x;`);
        put("} catch (e) {");
        inner();
        put("}");
        break;
    case 12:
        put(`${say} switch (random(3)) { case 0:`);
        inner();
        put("case 1:");
        inner();
        put(`log.push("${name} ${here()}"); break; default:`);
        inner();
        put("}");
        break;
    case 13:
        put(`do { ${say}`);
        inner();
        put(`} while (log.push("${name} ${here()}") && chance(3));`);
        break;
    }
}

put("const log = [], d = 0;");
put(`let budget, seed = ${seed};`);
put(`${random}`.replace(/\n\s*/g, " "));
put("function chance(n) { return random(n) == 0; }");
put("function first(g) { for (const x of g) return x; }");
put("function left(g) { g.next(); g.next(); g.return(1); }");
put("function thrown(g) { g.next(); g.throw(new Error()); }");
put("function settled() {}");
for (let i = 0; i < functions; i++) {
    const name = nameOf(i), line = here();
    const head = {
        plain: `function ${name}() { log.push("> ${name}", "${name} ${line}");`,
        arrow: `const ${name} = () => { log.push("> ${name}", "${name} ${line}");`,
        generator: `function* ${name}(q = log.push("> ${name}", ` +
            `"${name} ${line}", "< ${name}")) { log.push("> ${name}");`,
        async: `async function ${name}() { log.push("> ${name}", ` +
            `"${name} ${line}");`,
    }[kindOf[i]];
    put(`${head} try {`);
    statements(i, 0, 4 + random(4));
    put(`} finally { log.push("${name} ${here()}", "< ${name}"); } }`);
}
put(`for (let n = 0; n < 4; n++) {`);
for (let i = 0; i < functions; i++)
    put(`budget = 60; try { ${call(i)}; } catch (e) {}`);
put("}");
put(`os.setTimeout(() => print(log.join("\\n")), 0);`);
print(lines.join("\n"));
