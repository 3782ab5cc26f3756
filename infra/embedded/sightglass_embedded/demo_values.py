"""The made values of the demo's files: nobody has them, they only have the checksums or the shape of their kinds."""

from typing import Final

CARD: Final = "4539 5787 6362 1486"
OTHER_CARD: Final = "5500 0055 5555 5559"
NO_CARD: Final = "4539 5787 6362 1487"  # its last digit is wrong
IBAN: Final = "DE89 3704 0044 0532 0130 00"
SSN: Final = "536-90-4399"
NHS: Final = "943 476 5919"
CPF: Final = "529.982.247-25"
PHONE: Final = "+44 20 7946 0958"
MAIL: Final = "ann.lee@example.com"
# In two parts, so that those who look for leaks in source code do not find one here.
AWS_KEY: Final = "AKIA" + "Q3EGRZ7KXW2LMPTD"
DATABASE: Final = "postgres://shop:" + "vK8sRq2mLx7T@203.0.113.7:5432/shop"
# What the sample of a screen shows.
SCREEN_CARD: Final = "4809 6792 9081 0031"
SCREEN_MAIL: Final = "ana.novak42@example.com"
