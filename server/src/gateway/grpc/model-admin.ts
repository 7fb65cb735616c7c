import type { modelAdmin } from "@carousel/protos";
import type { FleetView, ModelAdmin } from "../../deployment/model-admin.js";
import type { Services } from "../services.js";
import { unary } from "./call.js";

export function modelAdminService(
  admin: ModelAdmin,
  parts: Pick<Services, "apiKeys" | "metrics">,
): modelAdmin.ModelAdminServiceServer {
  return {
    getFleet: unary(parts, "GetFleet", async () => toWire(await admin.fleet())),
    loadModels: unary(parts, "LoadModels", async ({ model }: modelAdmin.LoadModelsRequest, { deadline }) =>
      toWire(await admin.load({ model, deadline })),
    ),
    unloadModel: unary(parts, "UnloadModel", async ({ model }: modelAdmin.UnloadModelRequest, { deadline }) =>
      toWire(await admin.unload({ model, deadline })),
    ),
    reloadModels: unary(parts, "ReloadModels", async ({ model }: modelAdmin.ReloadModelsRequest, { deadline }) =>
      toWire(await admin.reload({ model, deadline })),
    ),
    setWeights: unary(parts, "SetWeights", async ({ model, weights }: modelAdmin.SetWeightsRequest, { deadline }) =>
      toWire(await admin.setWeights({ model, weights, deadline })),
    ),
    rollBack: unary(parts, "RollBack", async ({ model }: modelAdmin.RollBackRequest, { deadline }) =>
      toWire(await admin.rollBack({ model, deadline })),
    ),
  };
}

function toWire({ workers, models, refused, settled }: FleetView): modelAdmin.Fleet {
  return { workers, models: models.map((m) => ({ ...m })), refused: refused.map((r) => ({ ...r })), settled };
}
