// Names of 8 and of 16 bits arrive as UTF-8; long ones are cut.
function ascii() {}
function café() {}
function Ωmega() {}
const o = {
    "日本語"() {},
    "😀 face"() {},
    "\ud800 alone"() {},
    "alone \udfff"() {},
    ["x".repeat(70)]() {},
    ["\u00e9".repeat(20)]() {},
    [Symbol("sign")]() {},
    42() {},
    get size() { return 1; },
};
ascii();
café();
Ωmega();
for (const key of Reflect.ownKeys(o))
    if (typeof o[key] == "function")
        o[key]();
(function () {})();
(() => {})();
const assigned = () => {};
assigned();
Object.defineProperty(assigned, "name", { value: "renamed" });
assigned();
Object.defineProperty(assigned, "name", { value: 5 });
assigned();
Object.defineProperty(assigned, "name", { get() { print("never"); } });
assigned();
delete assigned.name;
assigned();
eval("function evaluated() {} evaluated();");
new Function("a", "return a;")(1);
