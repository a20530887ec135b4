import API
import Domain
import Foundation
import HTTP
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite struct MarketplaceTests {
    private static let headline = "5a76dfdd-ab15-4137-b919-e7a0f256a5d6"
    private static let base = "/v2/aws-marketplace"

    @Test("A team that pays in dollars has no agreements and uses no credits") func dollars() async throws {
        try await APIHarness.with { api in
            #expect(try await api.call(.get, "/v1/teams").json["items"]?.items?.first?["billingType"] == .string("STRIPE"))
            #expect(try await api.call(.get, Self.base + "/subscriptions", expecting: 200).json["totalElements"] == .integer(0))
            #expect(try await api.call(.get, Self.base + "/subscriptions/agmt-1", expecting: 404).errorCode == "RESOURCE_NOT_FOUND")
            for path in ["/subscriptions/current", "/credits-usage"] {
                let answer = try await api.call(.get, Self.base + path, expecting: 409)
                #expect(try answer.errorCode == "TEAM_NOT_BILLED_THROUGH_AWS_MARKETPLACE")
            }
        }
    }

    @Test("A linked team is appraised and booked in whole credits, beside the dollars that 1.0.1 needs") func credits() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            let outdated = try await api.call(
                .post, "/v1/videos/\(master)/processing/appraisals/create/\(Self.headline)", expecting: 201
            ).text("appraisalId")
            try await api.linkAgreement()
            #expect(
                try await api.call(.post, "/v1/videos/\(master)/processing/appraisals/\(outdated)/accept", expecting: 409).errorCode
                    == "APPRAISAL_BILLING_OUT_DATED")
            #expect(try await api.call(.get, "/v1/account").json["defaultTeam"]?["billingType"] == .string("AWS_MARKETPLACE"))
            let answer = try await api.call(
                .post, "/v1/videos/\(master)/processing/appraisals/create/\(Self.headline)", expecting: 201)
            let appraisal = try #require(try answer.json["video"]?["processingJobAppraisal"])
            #expect(appraisal["billingType"] == .string("AWS_MARKETPLACE"))
            let cost = try #require(appraisal["cost"])
            #expect(cost["totalProcessingCostPixopCredits"] == .integer(208 + 83 + 21), "2.074 GP at 100, 40 and 10, each rounded up")
            #expect((cost["totalProcessingCostUsd"]?.number ?? 0) > 0)
            let accept = "/v1/videos/\(master)/processing/appraisals/\(try answer.text("appraisalId"))/accept"
            let video = try await api.call(.post, accept, expecting: 202).text("videoId")
            try await ProcessingTests.finish(api)
            let usage = try await api.call(.get, Self.base + "/credits-usage", expecting: 200).json
            #expect(usage["totals"]?["totalsForAllCategories"]?["totalPixopCredits"] == .integer(312))
            let item = try #require(usage["items"]?.items?.first)
            #expect(item["videoId"] == .string(video))
            #expect(item["details"]?["products"]?.items?.map { $0["costPixopCredits"]?.integer } == [208, 83, 21])
            #expect(usage["teamId"] == .string(api.account.team.id.description))
            let none = try await api.call(.get, Self.base + "/credits-usage?processingCreditsUsageMode=EXCLUDE", expecting: 200).json
            #expect(none["totalElements"] == .integer(0) && none["totals"]?["totalsByCategory"]?.items?.isEmpty == true)
            let dollars = try await api.call(.get, "/v2/stripe/billing-periods/latest/transactions", expecting: 200).json
            #expect(dollars["totalElements"] == .integer(0), "what is paid in credits is no transaction in dollars")
        }
    }

    @Test("Agreements are listed, found and replaced; one that has ended lets nothing be started") func agreements() async throws {
        try await APIHarness.with { api in
            let marketplace = MarketplaceStore(pool: api.database.pool)
            try await api.linkAgreement("agmt-1")
            try await api.linkAgreement("agmt-2")
            let listed = try #require(
                try await api.call(.get, Self.base + "/subscriptions?sortDirection=DESC&teamId=\(api.account.team.id)", expecting: 200)
                    .json["items"]?.items)
            #expect(listed.map { $0["agreementId"]?.text } == ["agmt-2", "agmt-1"])
            #expect(listed[0]["replacesAgreementId"] == .string("agmt-1"))
            #expect(listed[1]["status"] == .string("UNSUBSCRIBED"))
            #expect(try await api.call(.get, Self.base + "/subscriptions/current", expecting: 200).text("agreementId") == "agmt-2")
            #expect(try await api.call(.get, Self.base + "/subscriptions/agmt-1", expecting: 200).json == listed[1])
            let key = try await api.strangersKey()
            try await api.call(.get, Self.base + "/subscriptions/agmt-1", key: key, expecting: 404)
            #expect(try await api.call(.get, Self.base + "/subscriptions", key: key, expecting: 200).json["totalElements"] == .integer(0))
            try await marketplace.end("agmt-2", now: false)
            #expect(try await api.call(.get, Self.base + "/subscriptions/current").text("status") == "UNSUBSCRIBE_PENDING")
            try await marketplace.end("agmt-2", now: true)
            let gone = try await api.call(.get, Self.base + "/subscriptions/current", expecting: 403)
            #expect(try gone.errorCode == "AWS_MARKETPLACE_ACCESS_NOT_AVAILABLE")
            let master = try await api.importMaster()
            let start = try await api.call(.post, "/v1/videos/\(master)/processing/start/\(Self.headline)", expecting: 403)
            #expect(try start.errorCode == "AWS_MARKETPLACE_ACCESS_NOT_AVAILABLE")
            #expect(try await api.call(.get, "/v1/videos").json["totalElements"] == .integer(1))
            await #expect(throws: StoreError.notFound(.agreement)) { try await marketplace.end("agmt-2", now: true) }
            await #expect(throws: StoreError.conflict(.agreementTaken)) { try await api.linkAgreement("agmt-1") }
        }
    }
}
