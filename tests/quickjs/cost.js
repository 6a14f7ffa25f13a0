// The workloads of cost.sh: each does N times the same.
function fib(n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
function* count(n) {
    for (let i = 0; i < n; i++)
        yield i;
}
const workloads = {
    fib(n) {
        while (n-- > 0)
            fib(10);
    },
    loop(n) {
        let s = 0;
        for (let i = 0; i < n; i++)
            s = (s + i * 7) & 0xffff;
    },
    while_loop(n) {
        let s = 0;
        while (s < n) {
            if (s > 0)
                s += 1;
            else
                s = 1;
        }
    },
    yield(n) {
        let s = 0;
        for (const x of count(n))
            s += x;
    },
    methods(n) {
        class Counter {
            constructor() { this.n = 0; }
            step() { this.n++; }
        }
        const counter = new Counter();
        for (let i = 0; i < n; i++)
            counter.step();
    },
    callbacks(n) {
        const list = [3, 1, 2];
        for (let i = 0; i < n; i++)
            list.map(x => x + 1);
    },
    errors(n) {
        for (let i = 0; i < n; i++) {
            try {
                null.x;
            } catch (e) {
            }
        }
    },
};
workloads[scriptArgs[1]](+scriptArgs[2]);
