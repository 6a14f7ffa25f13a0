"""Revenue by customer, from orders that are made up. It is slow in two ways;
README.md finds them with the tracing scripts."""

import sys
from statistics import median


class Customer:
    def __init__(self, number):
        self.code = f" C-{number:04} "
        self.revenue = 0


def normal(code):
    return code.strip().lower()


def find_customer(customers, code):
    for customer in customers:
        if normal(customer.code) == normal(code):
            return customer


def add_order(customers, number):
    code = f"c-{number * 7 % len(customers):04}"
    find_customer(customers, code).revenue += number % 90


def main(orders):
    customers = [Customer(number) for number in range(500)]
    for number in range(orders):
        add_order(customers, number)
    print("median revenue", median(c.revenue for c in customers))


main(int(sys.argv[1]))
