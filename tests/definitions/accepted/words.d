provider heap {
    /**
     * @brief A block is taken.
     *
     * @param size the size in bytes,
     *             rounded up
     * @param[in] why  a word
     * @param nowhere what is no argument
     * @return nothing
     *
     * Usage: for people. NOTE: this is text.
     * linno: a word that names no argument is text, too
     */
    probe take(int size, const char *why);

    /*!
     * \brief A block is given back.
     * \param size its size
     */
    probe give(int size);

    /*
     * @size: as in the kernel's comments
     * block:
     *   where it began
     *
     * The rest is about the probe.
     * --------------------
     */
    probe move(int size, void *block);

    /*
     * heap*:::scan probe
     *      arg0: how many          (int)
     *      arg1: a word            (string)
     */
    probe scan(int, const char *);

    /*
     *      arg0: how many          (int)
     */
    probe sweep(int pages, const char *why);

    /* @group memory */
    probe grow(); /* @group memory */
    probe shrink(/* @group memory */);
};
