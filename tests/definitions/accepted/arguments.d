provider heap {
    probe take(int size,        /* in bytes */
               int align,       // a power of two,
                                // or 0
               const char *why  /* a word */);
    probe give(
        /* where it began */
        void *block,
        // in bytes
        int size /* as it
                    was asked for */, int kind);
    probe move(/* from */ void *a, /* to */ void *b, int /* of bytes */ n);
    probe rename(const char *from,  /* from: the name before;
                                       to: the name then */
                 const char *to);
    probe scan(/* nothing yet */);
    probe /* the name */ sweep /* arguments */ (int pages) /* the end */ ;
};
