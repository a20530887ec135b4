/// What is prepared once on a connection: a statement's text, and its binds' types.
struct StatementKey: Hashable {
    let text: String
    let types: [UInt32]
    /// The hash of both, taken once: texts are kilobytes long, and looked up with every request.
    private let digest: Int

    init(_ sql: SQL) {
        text = sql.text
        types = sql.binds.types
        var hasher = Hasher()
        hasher.combine(text)
        hasher.combine(types)
        digest = hasher.finalize()
    }

    func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

/// A statement whose text was put together beforehand, to be run again and again with other values.
///
/// ```swift
/// static let byName = StatementTemplate("SELECT id FROM videos WHERE team_id = \(ID<Team>.self) AND name = \(String.self)")
/// try await pool.readFirst(byName.with(team, name))
/// ```
package struct StatementTemplate: Sendable {
    private let key: StatementKey

    /// - Parameter sql: types stand where the values will, in their order.
    package init(_ sql: SQL) { key = StatementKey(sql) }

    /// The statement with its values.
    ///
    /// - Precondition: they are as many as the types of the template, and of those types; anything else is a mistake in this
    ///   source, not in a request.
    package func with(_ values: any Bindable...) -> Statement {
        var binds = BindBuffer()
        for value in values { value.bind(into: &binds) }
        precondition(binds.types == key.types, "the values are not those of the template")
        return Statement(key: key, binds: binds)
    }
}

/// A statement and its values, ready to be sent.
package struct Statement: Sendable {
    let key: StatementKey
    let binds: BindBuffer

    fileprivate init(key: StatementKey, binds: BindBuffer) {
        self.key = key
        self.binds = binds
    }

    package init(_ sql: SQL) {
        key = StatementKey(sql)
        binds = sql.binds
    }
}
