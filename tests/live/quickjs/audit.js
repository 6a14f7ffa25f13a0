import * as std from "std";
import * as os from "os";

eval("1");
(0, eval)("2");
new Function("return 3")();
std.evalScript("4");
std.loadScript("imports/script.js");
std.loadFile("imports/two.js");
std.open("/nowhere/file", "w");
os.open("/nowhere/file", os.O_RDONLY);
os.remove("/nowhere/file");
os.rename("/nowhere/file", "/nowhere/other");
std.popen("true", "r").close();
os.exec(["true"]);
await import("./imports/two.js");
try {
    await import("./imports/missing.so");
} catch (e) {
    print(e.name);
}
