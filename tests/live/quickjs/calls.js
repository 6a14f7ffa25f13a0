// Functions of each kind, and the ways to call them.
function plain(a, b = later(a)) {
    return b;
}
function later(a) {
    return a + 1;
}
const arrow = x => plain(x);
const nothing = function () {};
class Shape {
    #side = later(1);
    static count = later(2);
    constructor(side) {
        this.side = side;
    }
    get area() {
        return this.#square();
    }
    set area(value) {
        this.side = value;
    }
    #square() {
        return this.side * this.side;
    }
    static unit() {
        return new Shape(1);
    }
    [Symbol.toPrimitive]() {
        return 7;
    }
}
class Tile extends Shape {
    constructor() {
        super(2);
    }
}
plain(1);
arrow(2);
nothing();
const tile = new Tile();
tile.area = tile.area + 1;
Shape.unit();
+tile;
plain.call(null, 1, 2);
plain.apply(null, [1, 2]);
plain.bind(null, 1)(2);
Reflect.construct(Shape, [3]);
[2, 1].sort((a, b) => later(a) - b);
"x".replace(/x/, function found() { return "y"; });
JSON.stringify({ toJSON() { return 1; } });
new Proxy({}, { get(target, name) { return name; } }).x;
function fib(n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
fib(3);
