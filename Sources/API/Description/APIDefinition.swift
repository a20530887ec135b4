import Contract
import Domain
import HTTP

/// The operations, parameters and shapes of the API: the embedded files of `Contract/`.
///
/// Every route is bound to its entry when it is registered, so that nothing is served that is not described.
struct APIDefinition: Sendable {
    /// By `GET /v1/videos`, in the order of the file.
    let operations: JSONObject
    let parameters: JSONObject
    let schemas: JSONObject

    /// The files of this build; a failure is a mistake in them, found when the server starts.
    static let embedded = Result { try APIDefinition() }

    private init() throws {
        operations = try Self.object(remaster_contract_operations())
        parameters = try Self.object(remaster_contract_parameters())
        schemas = try Self.object(remaster_contract_schemas())
    }

    /// The entry of an operation. Throws for one that nobody described.
    ///
    /// - Parameter path: below `/api`.
    func operation(_ method: HTTPMethod, _ path: String) throws(UndescribedOperation) -> JSON {
        guard let operation = operations["\(method) \(path)"] else { throw UndescribedOperation(method: method, path: path) }
        return operation
    }

    private static func object(_ text: remaster_text) throws -> JSONObject {
        // The bytes are constants of the program: they outlive every use.
        let bytes = Array(UnsafeBufferPointer(start: text.bytes, count: text.length))
        guard case .object(let object) = try JSON(parsing: bytes) else { throw MalformedDefinition() }
        return object
    }

    private struct MalformedDefinition: Error {}
}

/// A route without an entry in `Contract/operations.json`.
struct UndescribedOperation: Error, CustomStringConvertible {
    let method: HTTPMethod
    let path: String

    var description: String { "\(method) \(path) is served but not described: add it to Contract/operations.json" }
}
