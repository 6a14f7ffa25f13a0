function loop(n) {
    var i, sum = 0;
    for (i = 0; i < n; i++)
        sum = (sum + i) & 255;
    return sum;
}
