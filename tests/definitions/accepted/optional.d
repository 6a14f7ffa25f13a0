provider heap {
    /* A block. @group x is text here. */
    probe take(int size);       // @text
    /*
     * The lock was waited for.
     * @optional
     * @group waits
     * @text
     */
    probe lock__wait(void *lock, long ns);
    probe give(void *block);    /* A block is given back. */
    /* @group waits
       @optional */
    probe lock__take(void *lock);
    // @group placed
    probe here(char *name);
    // @optional
    // @group rare
    probe gone(size_t size);
};
