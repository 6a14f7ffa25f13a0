/* Every type that an argument can have. SPDX-License-Identifier: MIT */
provider kinds {
    /* The smallest, and the largest. */
    probe small(int8_t a, uint8_t b, int16_t c, uint16_t d);
    probe large(int32_t a, uint32_t b, int64_t c, uint64_t d);
    /*
     * One word and two, in every order; a pointer; and strings.
     * @text
     */
    probe mixed(int64_t a, char *b, int c, void *d, char *e, uint64_t f);
    /* @text */
    probe pair(int a, int b);
    /* @text */
    probe one(int a);
    /* @text */
    probe none();
};
