/*
 * probes.d - the markers of host.c: arguments of each size that a register
 * can hold.
 *
 * SPDX-License-Identifier: MIT
 */
provider python {
    /*
     * A function begins: one of the library's own.
     *
     * filename: as in every definition
     * funcname: as in every definition
     * lineno: as in every definition
     *
     * @group eval
     */
    probe function__entry(const char *filename, const char *funcname,
                          int lineno);

    /*
     * Numbers as wide as a register, which are 64 bits on most processors.
     *
     * text: a string
     * word: without a sign
     * negative: with one
     *
     * @group eval
     */
    probe words(const char *text, size_t word, intptr_t negative);

    /*
     * Numbers that are narrower than a register.
     *
     * number: with a sign
     * half: with one
     * byte: without one
     */
    probe narrow(int number, short half, uint8_t byte);

    /* No arguments. */
    probe bare();
};
