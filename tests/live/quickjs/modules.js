// A module's body begins twice: when it is linked, and when it runs.
import { two } from "./imports/two.js";

export function exported() {
    return two;
}
exported();
const later = await exported();
print(later);
