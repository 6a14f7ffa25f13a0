# SPDX-License-Identifier: MIT
s/^cut: "ääää"$/long: "äääää"/
s/^cut: "dcff\\udcff"$/long: "\\udcff"/
s/^cut: "🐍🐍"$/long: "🐍🐍"/
