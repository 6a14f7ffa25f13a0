return {limit = 10}
