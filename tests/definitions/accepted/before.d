/*
 * A comment before the provider belongs to no probe.
 */
/* Nor does this one. */
provider heap { // nor one behind the brace

    /* The probes of the heap: an empty line follows. */

    /* A block is taken. */
    // Its size is rounded up.
    /* Nothing is written to it. */
    probe take(int size);
    /* A block is given back. */
    probe give(int size);

    /********************* collections *********************/
    /*
     * A collection begins.
     */
    probe collect__start();
    /* ---- its end ---- */
    probe collect__done();
    /* It moved a block. */
    // probe gone(int x);
    probe move();
    /* A comment of no probe. */
};
/* The end. */
