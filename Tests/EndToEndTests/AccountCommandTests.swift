import Foundation
import Testing

/// What an operator does to accounts, as typed.
@Suite(.serialized) struct AccountCommandTests {
    @Test("an account is made, adjusted, billed otherwise and unlocked", .timeLimit(.minutes(2)))
    func lifecycle() throws {
        let folder = try Folder()
        let data = ["--data-directory", folder.path + "/data"]
        func account(_ arguments: String...) throws -> String { try Program.check(Program.remaster, ["account"] + arguments + data) }
        func refusal(_ arguments: String...) throws -> String {
            let outcome = try Program.run(Program.remaster, ["account"] + arguments + data)
            #expect(outcome.status == 64, "\(outcome.errors)")
            return outcome.errors
        }
        let made = try account(
            "create", "--email", "op@example.com", "--password", "correct horse battery", "--team", "Operators", "--json")
        let facts = try #require(try JSONSerialization.jsonObject(with: Data(made.utf8)) as? [String: String])
        let team = try #require(facts["teamId"])
        #expect(try account("adjust", "--team", team, "--amount", "12.5", "--reason", "card payment").contains("processing 12.5 USD"))
        #expect(try account("adjust", "--team", team, "--amount=-2.5", "--reason", "mistake").contains("processing 10.0 USD"))
        #expect(try refusal("adjust", "--team", team, "--amount", "0.0001", "--reason", "x").contains("three decimals"))
        for amount in ["1e30", "-1e30", "nan", "inf", "-inf", "1.000001e12"] {
            #expect(try refusal("adjust", "--team", team, "--amount=\(amount)", "--reason", "x").contains("three decimals"), "\(amount)")
        }
        #expect(try refusal("adjust", "--team", "nobody", "--amount", "1", "--reason", "x").contains("must be a UUID"))
        #expect(try refusal("adjust", "--team", team, "--amount", "1", "--reason", "x", "--type", "GIFT").contains("CREDITS_BOUGHT"))
        #expect(try refusal("billing", "--team", team, "--type", "CASH").contains("allowed: STRIPE, AWS_MARKETPLACE"))
        let agreement = [
            "marketplace", "link", "--team", team, "--agreement", "agmt-1", "--license-arn", "arn", "--offer", "o", "--product", "p",
            "--product-name", "P", "--buyer", "1", "--seller", "2",
        ]
        #expect(try Program.check(Program.remaster, ["account"] + agreement + data).contains("agmt-1"))
        #expect(try Program.run(Program.remaster, ["account"] + agreement + data).errors.contains("linked already"))
        #expect(try account("marketplace", "end", "--agreement", "agmt-1", "--now").contains("is over"))
        #expect(try refusal("marketplace", "end", "--agreement", "agmt-1").contains("not in force"))
        #expect(try account("unlock", "--email", "OP@example.com").contains("was not locked"))
        #expect(try refusal("unlock", "--email", "nobody@example.com").contains("belongs to no account"))
    }

    @Test(
        "a rate card that cannot be is refused with all that is wrong", .timeLimit(.minutes(1)),
        arguments: [
            (
                #"{"storage":{"usd":0.0005,"credits":1},"gift":1}"#,
                ["gift is not known here", "storage.usd must have at most three decimals"]
            ),
            (#"{"a""#, ["JSON, but at byte 4"]),
        ])
    func badCard(text: String, explanations: [String]) throws {
        let folder = try Folder()
        let card = folder.path + "/card.json"
        try text.write(toFile: card, atomically: true, encoding: .utf8)
        let outcome = try Program.run(Program.remaster, ["serve", "--rate-card", card])
        #expect(outcome.status == 64)
        for explanation in explanations { #expect(outcome.errors.contains(explanation), "\(outcome.errors)") }
    }
}
