import inner
from package import member, missing_attribute
