import Domain
import Postgres

extension JSONDocument {
    /// The document on its way into an answer. What the database keeps as `jsonb` was written by this product and is read here
    /// no further.
    var json: JSON { .verbatim(text) }
}
