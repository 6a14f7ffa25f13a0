// Traced by counts.bt.
// The stack holds as many calls as while untraced.
let depth = 0;
function say(e) {
    print(e.message, depth);
    depth = 0;
}
function deep() { depth++; deep(); }
function* yielding() { depth++; yield* yielding(); }
function throughC() { depth++; [1].map(throughC); }
const o = { get x() { depth++; return this.x; } };
for (const f of [deep, () => [...yielding()], throughC, () => o.x]) {
    try {
        f();
    } catch (e) {
        say(e);
    }
}
