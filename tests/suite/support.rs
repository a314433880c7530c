//! What several subjects of the suite share.
