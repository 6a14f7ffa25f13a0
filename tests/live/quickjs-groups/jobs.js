// Jobs: each reaction of a promise is one, with what it runs.

function reacts(value) {
    return value + 1;
}

async function waits() {
    await null;
}

Promise.resolve(1).then(reacts).then(reacts);
waits();
