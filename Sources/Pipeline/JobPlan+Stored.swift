import Domain
import Foundation

extension JobPlan {
    /// Reads a plan as the queue keeps it, also one that an earlier build of the same format wrote.
    ///
    /// - Throws: `PipelineError.planFormat` for another format, `.planUnreadable` for what is no plan.
    package init(stored text: String) throws(PipelineError) {
        let document: JSON
        do { document = try JSON(parsing: text) } catch { throw .planUnreadable(reason: "it is no JSON: \(error)") }
        guard let format = document["format"]?.text, format == Self.currentFormat else {
            throw .planFormat(found: document["format"]?.text ?? "none", supported: Self.currentFormat)
        }
        do {
            self = try JSONDecoder().decode(JobPlan.self, from: Data(Self.completed(document).utf8))
        } catch let error as DecodingError {
            throw .planUnreadable(reason: error.place)
        } catch {
            throw .planUnreadable(reason: "\(error)")
        }
    }

    /// Adds what plans of this format have gained since it began, each with the value that does what was done without it. What
    /// may be absent anyway is not among it.
    private static func completed(_ plan: JSON) -> JSON {
        var plan = plan.supplying("isTurned", .boolean(false), at: ["recipe", "source"])
        for knob in ["highlightReconstruction", "localModulation"] {
            plan = plan.supplying(knob, .integer(0), at: ["recipe", "color", "outputConversion", "infiniteHDR"])
        }
        let conversion: ArraySlice = ["request", "color", "infiniteHDR"]
        for program: ArraySlice in [["program"], ["examined"]] {
            for knob in ["highlights", "local"] { plan = plan.supplying(knob, .integer(0), at: program + conversion) }
        }
        guard case .object(var members) = plan, case .array(let links)? = members["links"] else { return plan }
        members["links"] = .array(
            links.map { link in
                ["highlights", "local"].reduce(link) { $0.supplying($1, .integer(0), at: ["work", "prepare", "_0"] + conversion) }
            })
        return .object(members)
    }
}

extension JSON {
    /// The same with a member in the object at `path`, where that is there and has none of the name.
    fileprivate func supplying(_ name: String, _ value: JSON, at path: ArraySlice<String>) -> JSON {
        guard case .object(var members) = self else { return self }
        if let step = path.first {
            guard let inner = members[step] else { return self }
            members[step] = inner.supplying(name, value, at: path.dropFirst())
        } else if members[name] == nil {
            members[name] = value
        }
        return .object(members)
    }
}
