"""承诺达标合格证: the promise with which farm products go to market."""
