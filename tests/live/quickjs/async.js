// An async function returns where it awaits, and enters again where it goes on.
async function add(a, b) {
    const x = await a;
    return x + b;
}
async function fails() {
    await null;
    throw new Error("rejected");
}
async function* ticks(n) {
    for (let i = 0; i < n; i++)
        yield add(i, 1);
}
async function main() {
    print(await add(1, 2));
    try {
        await fails();
    } catch (e) {
        print(e.message);
    }
    for await (const x of ticks(2))
        print(x);
    for await (const x of ticks(9))
        break;
    const results = await Promise.all([add(1, 1), add(2, 2)]);
    print(results);
}
main().then(function done() { print("done"); });
new Promise(function executor(resolve) { resolve(1); })
    .finally(() => print("finally"));
