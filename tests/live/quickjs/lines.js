// Traced by lines.bt.
function statements(n) {
    let a = 1;
    var b;
    a = 2; b = 3;
    if (n) {
        a += b;
    } else
        a = 0;
    const c = [
        a,
        add(a, 1),
        add(
            b,
            2)
    ];
    switch (a) {
    case 5:
        b = 1;
        break;
    default:
        b = 2;
    }
    outer:
    for (const x of c) {
        if (x == 5)
            continue outer;
        if (x > 5)
            break;
        b++;
    }
    return {
        a,
        b
    };
}

function add(a, b) {
    return a + b;
}

function loops(n) {
    for (let i = 0; i < n; i++)
        n -= 0;
    for (let i = 0; i < 2; i++) n -= 0;
    for (;;) {
        if (--n < 0)
            break;
    }
    while (n < 1)
        n++;
    while (n < 3) n++;
    do {
        n--;
    } while (n > 0);
    do n++; while (n < 2);
    for (const k in { a: 1, b: 2 })
        n += 1;
    for (let i = 0,
             j = 2;
         i < j;
         i++) {
        n++;
    }
}

function errors() {
    try {
        add(1, 2);
        throw new Error("x");
    } catch (e) {
        add(3, 4);
    } finally {
        add(5, 6);
    }
}

const arrow = x =>
    x + 1;

function* generator() {
    yield 1;
    let x = 2;
    yield x;
}

class C {
    field = add(1, 1);
    method() { return 1; }
}

function nested() {
    function inner() {
        return 1;
    }
    return [1, 2].map(x => {
        return inner() + x;
    });
}

statements(true);
loops(2);
errors();
arrow(1);
[...generator()];
new C().method();
nested();
"a chain".split(" ")
    .map(x => x + 1)
    .join("-");
eval("let p = 1;\np = 2;\np;");
