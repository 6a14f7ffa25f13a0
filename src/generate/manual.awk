# manual.awk - the markers in the manual page, pytrace(7).

function print_man(    m, n)
{
    for (m = 1; m <= markers; m++) {
        print ".TP"
        print ".BI \"" marker[m] "(\" \"" argument_list(m, 1) "\" )"
        print doc[m]
        for (n = 1; n <= arguments[m]; n++) {
            if (arg_doc[m, n] == "")
                continue
            print ".br"
            print ".I " arg_name[m, n]
            print "is " arg_doc[m, n] "."
        }
    }
}
