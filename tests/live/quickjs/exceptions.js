// An error returns from each function that it passes, through C, too.
function raise(x) {
    throw new Error(x);
}
function outer() {
    try {
        raise("caught");
    } catch (e) {
        return e.message;
    } finally {
        cleanup();
    }
}
function cleanup() {}
function through(f) {
    try {
        f();
    } catch (e) {
        print(e.message);
    }
}
print(outer());
through(() => [1, 2].forEach(x => raise("forEach")));
through(() => [2, 1].sort(function compare() { raise("sort"); }));
through(() => "x".replace("x", () => raise("replace")));
through(() => JSON.parse("[1]", () => raise("reviver")));
through(() => Reflect.apply(raise, null, ["apply"]));
through(() => `${{ toString() { raise("toString"); } }}`);
through(() => new Proxy({}, { get() { raise("proxy"); } }).x);
through(() => { for (const x of { [Symbol.iterator]: () => ({
    next() { raise("next"); } }) }); });
through(function () {
    null.property;
});
through(() => undefined_name);
through(() => new (class { constructor() { raise("constructor"); } })());
const boom = eval("(function boom() { raise('eval'); })");
through(boom);
Promise.resolve(1).then(function late() { raise("promise"); })
    .catch(e => print(e.message));
