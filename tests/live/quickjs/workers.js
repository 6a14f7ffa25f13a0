// Each worker is a thread with a runtime of its own. The process ends while
// some of them are about to return from the function that said that it is done.
import * as os from "os";

let left = 3;
for (let i = 0; i < 3; i++) {
    const worker = new os.Worker("./imports/worker.js");
    worker.onmessage = function (e) {
        if (e.data.done) {
            worker.onmessage = null;
            if (--left == 0)
                print("all");
        } else
            worker.postMessage({ n: e.data.n + 1 });
    };
}
