import * as os from "os";

const parent = os.Worker.parent;

function fib(n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
function* count(n) {
    while (n-- > 0)
        yield fib(n);
}
parent.onmessage = function (e) {
    for (const x of count(10))
        if (x < 0)
            break;
    if (e.data.n > 3) {
        parent.postMessage({ done: true });
        parent.onmessage = null;
    } else
        parent.postMessage({ n: e.data.n });
};
parent.postMessage({ n: 0 });
