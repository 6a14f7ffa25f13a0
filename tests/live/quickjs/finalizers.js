// The callbacks of a FinalizationRegistry are jobs, and run after the cycle.
import * as std from "std";

const registry = new FinalizationRegistry(function collected(held) {
    print("collected", held);
});
(function lose() {
    const a = {};
    a.self = a;
    registry.register(a, "a cycle");
    registry.register({}, "no cycle");
})();
std.gc();
await null;
print("end");
