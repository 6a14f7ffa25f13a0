#ident "a version"
#pragma ident "another"
#
#pragma D option quiet
provider	heap{probe take(int size) ;probe give
	(
	int
	size
	)
	;
#pragma D attributes Evolving/Evolving/Common \
    provider heap provider
/* taken
   back */ #pragma D attributes Private/Private/Unknown provider heap /* a
   comment */
	probe move(const char*from,const char*to);
	probe many(int a,int b,int c,int d,int e,int f);}
  #  pragma  D attributes Evolving/Evolving/Common provider heap args // none
#pragma D binding "1.0" heap
#pragma D depends_on library heap.d
