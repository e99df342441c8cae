// `npm run fix` runs this: what is generated in the documents is written anew.
import { writeDocumentsPage } from "./documentsPage.ts";

writeDocumentsPage();
