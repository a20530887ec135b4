package import Credentials
package import Domain
import FoundationEssentials
package import Primitives
package import Store
import Synchronization

/// The keys deliveries are signed with, and their rotation.
///
/// At most two are published: the newest, which does not expire, and during a rotation the one before it. A new key is
/// published before anything is signed with it, because receivers may refetch their list only now and then.
package final class SigningKeys: Sendable {
    /// Ages and spans of the rotation rule.
    package struct Rule: Hashable, Sendable {
        /// A key older than this is replaced; the incumbent promises three months at most.
        package var period: Duration = .seconds(60 * 86_400)
        /// From publishing a key to signing with it.
        package var notice: Duration = .seconds(3600)
        /// How long the old key stays published after its last signature; deliveries are accepted for 300 s.
        package var grace: Duration = .seconds(86_400)

        package init() {}
    }

    private static let context = "webhook-signing-key"

    private let store: SigningKeyStore
    private let secretBox: SecretBox
    private let rule: Rule
    /// Opened keys: at most the published ones and those just expired.
    private let opened = Mutex<[ID<SigningKey>: WebhookSigningKey]>([:])

    package init(store: SigningKeyStore, secretBox: SecretBox, rule: Rule = Rule()) {
        self.store = store
        self.secretBox = secretBox
        self.rule = rule
    }

    /// The key to sign with now; the very first call of an installation makes one. Throws `CredentialError.notAuthentic` for a key
    /// that was sealed under another master key.
    package func current() async throws -> (id: ID<SigningKey>, key: WebhookSigningKey) {
        if let record = try await store.current() { return (record.id, try open(record)) }
        try await rotateIfDue()
        guard let record = try await store.current() else { throw StoreError.notFound(.signingKey) }
        return (record.id, try open(record))
    }

    /// Whether the master key opens the newest key; nil when there is no key yet.
    package func opensNewest() async throws -> Bool? {
        guard let record = try await store.published().first else { return nil }
        do {
            _ = try open(record)
            return true
        } catch CredentialError.notAuthentic {
            return false
        }
    }

    /// Makes a new key when the newest is too old or there is none. Safe to call from several processes at once.
    package func rotateIfDue() async throws {
        let newest = try await store.published().first { $0.expiresAt == nil }
        if let newest, newest.createdAt.timeIntervalSinceNow > -rule.period.inSeconds { return }
        let key = WebhookSigningKey.generate()
        try await store.rotate(
            to: ID(), publicKey: key.publicKey, sealedPrivateKey: secretBox.seal(key.rawRepresentation, context: Self.context),
            ifOlderThan: rule.period, notice: rule.notice, grace: rule.grace)
    }

    private func open(_ record: SigningKeyRecord) throws -> WebhookSigningKey {
        if let key = opened.withLock({ $0[record.id] }) { return key }
        let key = try WebhookSigningKey(rawRepresentation: secretBox.open(record.sealedPrivateKey, context: Self.context))
        opened.withLock { opened in
            if opened.count >= 4 { opened.removeAll() }
            opened[record.id] = key
        }
        return key
    }
}
