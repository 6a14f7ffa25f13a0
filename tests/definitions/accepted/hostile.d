provider heap {
    // ends */ and begins /* and "quotes" 'once
    // trigraph ??/ and a backslash \
    probe take(int size);
    /*
     * .SH A leading dot, then
     * 'br a leading apostrophe
     * \fBfont\fP -x --long well-known ~/x `code` ^ & @VERSION@ @MAN@
     * %( %} @define # percent
#if 0 within a comment
     * probe gone(int x); provider gone {
     */
    probe give(int size);
    // byte ÿ, cut Ã, long à€€, turned â€® and Ã©tÃ©
    probe move();
};
