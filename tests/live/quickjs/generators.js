// A generator returns where it yields, and enters again where it goes on; one
// that is left alone has returned already.
function* count(n) {
    for (let i = 0; i < n; i++)
        yield i;
}
function* both() {
    yield* count(1);
    try {
        yield "inner";
        yield "never";
    } finally {
        cleanup();
    }
}
function cleanup() {
    return 1;
}
for (const x of count(2))
    print(x);
for (const x of both())
    if (x == "inner")
        break;
const left = count(5);
left.next();
left.return(1);
const thrown = both();
thrown.next();
thrown.next();
try {
    thrown.throw(new Error("thrown"));
} catch (e) {
    print(e.message);
}
const unused = count(1);
let abandoned = count(3);
abandoned.next();
abandoned = null;
const [first] = count(9);
print(first);
