//! The loop and its edges: the only clock, `select!`, spawn, terminal and
//! signals of the program.

pub mod clock;
