/* @text */
provider shop {
    /*
     * Something is sold.
     * what: its name
     * sell_text: an argument that is called like a function
     * @text
     */
    probe sell(const char *what, void *sell_text);

    probe six(long a, long b, long c, long d, long e, char *text); /* @text */

    /* @text
     * Nothing happens. */
    probe nothing();

    /* This @text is none. */
    probe buy(void *text);
};
