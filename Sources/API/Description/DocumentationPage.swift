import Domain

/// The OpenAPI document as one page of HTML: no script, no font and no picture from anywhere.
struct DocumentationPage {
    let html: String

    init(_ document: OpenAPIDocument) {
        var page = Self.head
        let byTag = Dictionary(grouping: document.operations) { $0.entry["tag"]?.text ?? "" }
        let tags = (document.json["tags"]?.elements ?? []).compactMap { $0?["name"]?.text }
        page += "<nav><ul>" + tags.map { "<li><a href=\"#\(Self.escaped($0))\">\(Self.escaped($0))</a></li>" }.joined()
        page += "<li><a href=\"#schemas\">Shapes</a></li></ul></nav><main><h1>Remaster API</h1>"
        page += "<p>\(Self.escaped(document.json["info"]?["description"]?.text ?? "")) "
        page += "The same as a program reads it: <a href=\"openapi.json\">openapi.json</a>. "
        page += "Every path lies below <code>\(Self.escaped(Self.server(document)))</code>.</p>"
        for tag in tags {
            page += "<h2 id=\"\(Self.escaped(tag))\">\(Self.escaped(tag))</h2>"
            for operation in byTag[tag] ?? [] { page += Self.section(operation, document) }
        }
        page += "<h2 id=\"schemas\">Shapes</h2>"
        if case .object(let schemas)? = document.json["components"]?["schemas"] {
            for (name, schema) in schemas { page += Self.section(schema: name, schema) }
        }
        html = page + "</main>"
    }

    private static func server(_ document: OpenAPIDocument) -> String {
        document.json["servers"]?.elements?.first??["url"]?.text ?? "/api"
    }

    private static func section(_ operation: RegisteredOperation, _ document: OpenAPIDocument) -> String {
        let described = document.json["paths"]?[operation.path]?["\(operation.method)".lowercased()] ?? .members([:])
        let id = described["operationId"]?.text ?? ""
        let access =
            switch operation.access {
            case .apiKey: "X-API-Key"
            case .password: "e-mail and password"
            case .open: "nothing"
            }
        var text = "<details id=\"\(escaped(id))\"><summary><b class=\"\(operation.method)\">\(operation.method)</b> "
        text += "<code>\(escaped(operation.path))</code> \(escaped(described["summary"]?.text ?? ""))</summary>"
        if let description = described["description"]?.text { text += "<p>\(escaped(description))</p>" }
        text += "<p><code>\(escaped(id))</code>, needs \(access).</p>"
        let parameters = (described["parameters"]?.elements ?? []).compactMap(\.self).map { resolved($0, document) }
        if !parameters.isEmpty {
            let rows = parameters.map { parameter in
                let isRequired = parameter["required"] == .boolean(true)
                return row([
                    "<code>\(escaped(parameter["name"]?.text ?? ""))</code>", escaped(parameter["in"]?.text ?? ""),
                    type(parameter["schema"] ?? .null) + (isRequired ? ", required" : ""), escaped(parameter["description"]?.text ?? ""),
                ])
            }
            text += "<table>" + rows.joined() + "</table>"
        }
        if case .object(let content)? = described["requestBody"]?["content"] {
            for (media, body) in content {
                text += "<p>Body, \(described["requestBody"]?["required"] == .boolean(true) ? "required" : "optional"), "
                text += "<code>\(escaped(media))</code>: \(type(body["schema"] ?? .null))</p>"
            }
        }
        text += "<table>"
        if case .object(let answers)? = described["responses"] {
            for (status, answer) in answers {
                let answer = resolved(answer, document)
                var shape = ""
                if case .object(let content)? = answer["content"], let media = content.names.first {
                    shape = content[media]?["schema"].map(type) ?? "<code>\(escaped(media))</code>"
                }
                text += row([escaped(status), shape, escaped(answer["description"]?.text ?? "")])
            }
        }
        return text + "</table></details>"
    }

    private static func section(schema name: String, _ schema: JSON) -> String {
        var text = "<details id=\"schema-\(escaped(name))\"><summary><code>\(escaped(name))</code></summary>"
        if case .object(let properties)? = schema["properties"] {
            let required = Set((schema["required"]?.elements ?? []).compactMap { $0?.text })
            text += "<table>"
            for (member, memberSchema) in properties {
                text += row([
                    "<code>\(escaped(member))</code>", type(memberSchema), required.contains(member) ? "required" : "",
                    escaped(memberSchema["description"]?.text ?? ""),
                ])
            }
            text += "</table>"
        } else {
            text += "<p>\(type(schema))</p>"
        }
        return text + "</details>"
    }

    /// A type in words, with links to the shapes it names.
    private static func type(_ schema: JSON) -> String {
        if let name = schema["$ref"]?.text?.split(separator: "/").last.map(String.init) {
            return "<a href=\"#schema-\(escaped(name))\">\(escaped(name))</a>"
        }
        if let items = schema["items"] { return "list of \(type(items))" + limits(schema) }
        for (key, word) in [("oneOf", " or "), ("anyOf", " or ")] {
            if let parts = schema[key]?.elements { return parts.compactMap(\.self).map(type).joined(separator: word) }
        }
        if let values = schema["enum"]?.elements {
            return "one of "
                + values.compactMap(\.self).map { "<code>\(escaped($0.text ?? $0.description))</code>" }.joined(separator: ", ")
        }
        if let value = schema["const"] { return "<code>\(escaped(value.text ?? value.description))</code>" }
        let names = schema["type"]?.text.map { [$0] } ?? (schema["type"]?.elements ?? []).compactMap { $0?.text }
        let format = schema["format"]?.text.map { " (\($0))" } ?? ""
        return escaped(names.isEmpty ? "anything" : names.joined(separator: " or ") + format) + limits(schema)
    }

    private static func limits(_ schema: JSON) -> String {
        let pairs = [
            ("minimum", "≥"), ("maximum", "≤"), ("minLength", "length ≥"), ("maxLength", "length ≤"), ("minItems", "count ≥"),
            ("maxItems", "count ≤"), ("default", "default"),
        ]
        return pairs.compactMap { name, sign in schema[name].map { ", \(sign) \(escaped($0.text ?? $0.description))" } }.joined()
    }

    private static func resolved(_ value: JSON, _ document: OpenAPIDocument) -> JSON {
        guard let path = value["$ref"]?.text else { return value }
        return path.split(separator: "/").dropFirst().reduce(document.json) { $0[String($1)] ?? .null }
    }

    private static func row(_ cells: [String]) -> String { "<tr>" + cells.map { "<td>\($0)</td>" }.joined() + "</tr>" }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
    }

    private static let head = """
        <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Remaster API</title><style>
        :root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
        body{margin:0;display:flex;gap:2rem}nav{position:sticky;top:0;align-self:start;padding:1rem 0 1rem 1.5rem;min-width:9rem}
        nav ul{list-style:none;padding:0;margin:0}main{flex:1;max-width:64rem;padding:1rem 1.5rem 4rem;min-width:0}
        a{color:LinkText}code{font-size:.9em;overflow-wrap:anywhere}summary{cursor:pointer;padding:.3rem 0}
        details{border-top:1px solid color-mix(in srgb,CanvasText 15%,Canvas)}table{border-collapse:collapse;margin:.5rem 0 1rem;width:100%}
        td{border-top:1px solid color-mix(in srgb,CanvasText 10%,Canvas);padding:.25rem .75rem .25rem 0;vertical-align:top}
        summary b{display:inline-block;min-width:4.5rem}
        @media(max-width:48rem){body{display:block}nav{position:static}}
        </style>
        """
}
