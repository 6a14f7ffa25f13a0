import inner
