import * as std from "std";

function cycles(n) {
    for (let i = 0; i < n; i++) {
        const a = { b: {} };
        a.b.a = a;
    }
}

std.gc();
std.popen("true", "r").close();
std.gc();
cycles(100);
std.gc();
std.open("/dev/null", "r").close();
std.gc();
cycles(1);
std.gc();
std.popen("true", "r").close();
