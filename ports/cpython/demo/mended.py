"""What report.py prints, without what the tracing scripts found there."""

import sys


class Customer:
    def __init__(self, number):
        self.code = f" C-{number:04} "
        self.revenue = 0


def normal(code):
    return code.strip().lower()


def main(orders):
    customers = [Customer(number) for number in range(500)]
    by_code = {normal(customer.code): customer for customer in customers}
    for number in range(orders):
        code = f"c-{number * 7 % len(customers):04}"
        by_code[normal(code)].revenue += number % 90
    middle = sorted(customer.revenue for customer in customers)[249:251]
    print("median revenue", sum(middle) / 2)


main(int(sys.argv[1]))
