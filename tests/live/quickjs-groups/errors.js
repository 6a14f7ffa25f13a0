// Exceptions: each is thrown once, and caught where a handler takes it.

class Refusal extends Error {
}

function raises() {
    throw new Refusal("by the program");
}

function passes() {
    return raises();
}

try {
    passes();
} catch (error) {
    print(error.message);
}

// By the interpreter, by C code, and what is no object.
try {
    nothing;
} catch (error) {
}
try {
    JSON.parse("{");
} catch (error) {
}
for (const value of ["text", 1, 1.5, true, null, undefined, {}, Symbol("s")]) {
    try {
        throw value;
    } catch (error) {
    }
}

// Through C code, which passes it on.
try {
    [1].forEach(raises);
} catch (error) {
}

// A finally takes it, and throws it again.
try {
    try {
        raises();
    } finally {
        print("finally");
    }
} catch (error) {
}

// Into a generator.
function* generator() {
    try {
        yield 1;
    } catch (error) {
    }
}
const running = generator();
running.next();
running.throw(new RangeError("into it"));

// In a job: what waits for it throws it again.
async function waits() {
    try {
        await Promise.resolve().then(function fails() {
            throw new TypeError("later");
        });
    } catch (error) {
        print(error.message);
    }
}
waits();
