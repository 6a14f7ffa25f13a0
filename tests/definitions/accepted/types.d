provider heap {
    probe a(long unsigned int, int long long, char signed, int short unsigned,
            unsigned, signed);
    probe b(int const x, const long unsigned y, long const long z,
            unsigned char const c, const bool d, _Bool e);
    probe c(const char *a, char const *b, char *const c, const char *const d,
            string, string e);
    probe d(char a[], const char *b[], int c[16], void * const *d, double *e,
            size_t *f);
    probe n(const char *const a[], const char * const * const b, string *c,
            string const d);
    probe e(int8_t, uint16_t const, int32_t a, uint64_t, intptr_t, uintptr_t);
    probe f(size_t, ptrdiff_t, intmax_t, uintmax_t, char);
    probe g(void);
    probe i( void );
};
