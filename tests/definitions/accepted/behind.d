provider heap {
    probe take(int size);     /* memory was taken */
    probe give(int size);     /* memory was given back */
    probe grow(int size);     // the heap grows,
                              // by pages
    probe shrink(int size);   /* the heap
                                 shrinks */
    /* What is before it */
    probe move(int from,
               int to); /* and behind it. */ /* And more. */
    /* before one */ probe one(); /* before two */ probe two(); /* behind two */
    probe three();
    /**< of three */
    probe four(int x);        ///< of four
    ///< and on
    probe five(int x);        /* x: how many
                               * at once */
    probe last(); /* of the last */ };
