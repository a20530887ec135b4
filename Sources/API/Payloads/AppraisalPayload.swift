import Domain
import FoundationEssentials
import Postgres
import Primitives
import Store

extension JobAppraisal {
    /// The contract's `VideoProcessingJobAppraisal` for clients of both releases: 1.0.1 needs the dollars whoever pays, 2.0
    /// picks its shape by `billingType`, and the credits of a team that pays in them stand beside the dollars.
    var payload: JSON {
        .members([
            "billingType": .string(billingType.rawValue), "jobItems": .array(quote.items.map(item)),
            "estimation": .members([
                "fileSize": .integer(fileSize), "storageCostUsd": storage.dollars.json, "downloadCostUsd": download.dollars.json,
                "totalComputeTimeSeconds": .integer(Int64(Int32(clamping: estimate.seconds))),
                "totalComputeTimeErrorPercentage": estimate.errorPercentage.map { .number(($0 * 10).rounded() / 10) },
                "computeDevice": estimate.device.map { .string($0) },
            ]), "outputDurationMillis": .integer(outputDurationMilliseconds), "cost": cost,
        ])
    }

    private func credits(_ amount: Int64) -> JSON? { billingType == .marketplace ? .integer(amount) : nil }

    private func item(_ item: JobQuote.Item) -> JSON {
        .members([
            "productName": .string(item.product.name), "category": .string(item.product.isEncoder ? "ENCODER" : "FILTER"),
            "amount": item.amount.json, "amountUnit": .string("GP"), "discountPercentage": .number(quote.discountPercentage),
            "unitPriceUsd": item.unitPrice.dollars.json, "costUsd": item.cost.json, "discountUsd": item.discount.json,
            "normalCostUsd": item.normalCost.json, "unitPricePixopCredits": credits(item.unitPrice.credits),
            "costPixopCredits": credits(item.credits),
        ])
    }

    private var cost: JSON {
        .members([
            "discountPercentage": .number(quote.discountPercentage), "totalProcessingCostUsd": quote.cost.json,
            "totalProcessingDiscountUsd": quote.discount.json, "totalNormalProcessingCostUsd": quote.normalCost.json,
            "estimatedStorageCostUsd": storage.dollars.json, "estimatedDownloadCostUsd": download.dollars.json,
            "totalProcessingCostPixopCredits": credits(quote.credits),
            "estimatedStorageCostPixopCredits": credits(storage.credits),
            "estimatedDownloadCostPixopCredits": credits(download.credits),
        ])
    }
}

extension NewProcessing {
    /// The contract's `Video` of a processing that nobody has started yet.
    func prospect(of source: VideoRecord, appraisal: JSON, at date: Date) -> JSON {
        let isClip = kind == .clip
        return .members([
            "id": video.json, "createdAt": .timestamp(date), "updatedAt": .timestamp(date), "userId": user.json, "name": .string(name),
            "teamId": source.team.json,
            "processing": .members([
                "sourceVideo": SourcePart(video: source.id, startMs: startMs, endMs: endMs).payload,
                "options": options.json,
            ]), "projectId": source.project.json, "masterVideo": source.master.payload, "processingJobAppraisal": appraisal,
            "flags": .members([
                "isMaster": .boolean(false), "isProcessing": .boolean(false), "isProcessed": .boolean(false),
                "isIngesting": .boolean(false), "isIngested": .boolean(false), "isClip": .boolean(isClip),
                "isSample": .boolean(false),
            ]), "clipId": isClip ? (source.clip ?? video).json : nil,
        ])
    }
}
