python$target:::
{
    @[probename] = count();
}

END
{
    printa("%-25s %@d\n", @);
}
