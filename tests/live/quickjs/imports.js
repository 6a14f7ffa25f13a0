import { one } from "./imports/one.js";
import * as again from "./imports/one.js";
import * as std from "std";

print(one, again.one);
try {
    await import("./imports/missing.js");
} catch (e) {
    print(e.message);
}
try {
    await import("./imports/broken.js");
} catch (e) {
    print(e.name);
}
const late = await import("./imports/été.js");
print(late.name);
await import("./imports/one.js");
std.loadScript("imports/script.js");
