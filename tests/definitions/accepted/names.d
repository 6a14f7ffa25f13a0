provider linux {
    probe unix(int linux, int i386, int unix);
    probe class(int print, int printf, int print_char, int println, int sprint);
    probe new(int in, int in_, int foreach, int next, int function, int limit);
    probe and(int next_, int global, int EOF, int errno, int NULL, int frameptr);
    probe line(int line);
    probe phase__1(int x);
    probe phase__2__3a__x(int x);
    probe AllocObject__entry(void *, void *);
    probe function__entry(int frameptr_);
    probe function__return(int arg0);
    probe CALL__METHOD(int);
    probe printf(int printdln, int byte, int group, int semaphore, int enabled);
};
