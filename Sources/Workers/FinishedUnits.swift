import Domain
import Foundation
import Postgres
import Primitives
import Store

/// What the finished units of a job's lower stages have left for a unit, read at once: a film has thousands of segments.
struct FinishedUnits {
    /// By stage and ordinal.
    private let segments: [SegmentRecord]

    init(below unit: LeasedUnit, in jobs: JobStore) async throws {
        segments = try await jobs.segments(of: unit.job, below: unit.stage)
    }

    /// The stored results of the units of a kind, in order.
    ///
    /// - Throws: `UnitFailure` where one is missing, `UnreadableDocument` where this build cannot read it.
    func results<Result: Decodable>(of kind: UnitKind, as: Result.Type) throws -> [Result] {
        try segments.filter { $0.kind == kind }.map { unit in
            guard let document = unit.result else {
                throw UnitFailure(code: "RESULT_MISSING", message: "A finished \(kind.rawValue) unit has no result.", details: nil)
            }
            do { return try JSONDecoder().decode(Result.self, from: Data(document.text.utf8)) } catch let error as DecodingError {
                throw UnreadableDocument("The result of a finished \(kind.rawValue) unit of this job", error)
            }
        }
    }

    /// The objects that the units of a kind have made, in order.
    ///
    /// - Throws: `UnitFailure` where one is missing.
    func objects(of kind: UnitKind) throws -> [ObjectKey] {
        try segments.filter { $0.kind == kind }.map { unit in
            guard let key = unit.object else {
                throw UnitFailure(code: "RESULT_MISSING", message: "A finished \(kind.rawValue) unit has no object.", details: nil)
            }
            return key
        }
    }
}
